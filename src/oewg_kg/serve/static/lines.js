// A line cited by its bare IRI stands in a later part of its page: go there.
const target = location.hash && document.getElementById(location.hash.slice(1));
if (target && target.matches("nav.lines a[id]")) location.replace(target.href);
