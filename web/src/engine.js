// The engine of a frozen site: the graph is fetched once, a worker answers, and a long query can be stopped.

/** Return a function that runs a query, given its text and a format, and gives what the worker answers. */
export function engine({ terms, graph, stop, most = 200 }) {
  const prologue = Object.entries(terms.prefixes).map(([name, space]) => `PREFIX ${name}: <${space}>`).join(" ");
  let worker, refuse;

  const ended = (message) => {
    worker?.terminate();
    worker = undefined;
    refuse?.(new Error(message));
  };
  stop?.addEventListener("click", () => ended("stopped"));

  /** Ask the worker; one that was stopped or that fell over is replaced, and fetches the graph from the browser's cache. */
  return async (query, format = "html") => {
    if (refuse) ended("another query was asked");
    if (stop) stop.hidden = false;
    try {
      return await new Promise((resolve, reject) => {
        refuse = reject;
        worker ??= new Worker(new URL("worker.js", import.meta.url), { type: "module" });
        worker.onmessage = ({ data }) => (data.problem === undefined ? resolve(data) : reject(new Error(data.problem)));
        worker.onerror = (event) => {
          event.preventDefault();
          ended(`the engine ended: ${event.message || "it could not be loaded"}`);
        };
        worker.postMessage({ graph, query: `${prologue} ${query}`, shift: prologue.length + 1, format, most });
      });
    } finally {
      if (stop) stop.hidden = true;
      refuse = undefined;
    }
  };
}
