"""What was used most recently, by key, up to a total size."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Things that go, the least recently used first, when there is no room; sizes in bytes, or in whatever the room is counted."""

    def __init__(self, room: int) -> None:
        """Keep the bound."""
        self.room, self.size = room, 0
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        """Tell whether something is kept, without counting it as used."""
        return key in self._kept

    def get(self, key: Key) -> Value | None:
        """Find what is kept, and count it as used."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Key, value: Value, size: int) -> None:
        """Keep something in the place of what was there; one that would take more than a quarter of the room is not kept."""
        self.forget(key)
        if size > self.room // 4:
            return
        self._kept[key] = (value, size)
        self.size += size
        while self.size > self.room:
            self.forget(next(iter(self._kept)))

    def forget(self, key: Key) -> None:
        """Make room of what is kept, if anything is."""
        _, size = self._kept.pop(key, (None, 0))
        self.size -= size
