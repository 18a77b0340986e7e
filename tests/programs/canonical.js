// Reads a JSON-LD file with jsonld.js and prints its canonical N-Quads (RDFC-1.0); it fetches nothing.
const fs = require("node:fs");
const jsonld = require("jsonld");

const documentLoader = async (url) => {
  throw new Error(`the document asks for ${url}: it must stand alone`);
};
const document = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
jsonld
  .canonize(document, { algorithm: "URDNA2015", format: "application/n-quads", documentLoader })
  .then((quads) => process.stdout.write(quads));
