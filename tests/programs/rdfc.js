// Reads N-Quads with N3.js and prints their canonical form (RDFC-1.0) as rdf-canonize makes it.
const fs = require("node:fs");
const N3 = require("n3");

const quads = new N3.Parser({ format: "application/n-quads" }).parse(fs.readFileSync(process.argv[2], "utf8"));
import("rdf-canonize").then(async ({ canonize }) => {
  process.stdout.write(await canonize(quads, { algorithm: "RDFC-1.0" }));
});
