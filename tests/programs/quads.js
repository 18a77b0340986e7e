// Reads Turtle, TriG, N-Triples or N-Quads with N3.js and prints N-Quads; the format is the media type.
const fs = require("node:fs");
const N3 = require("n3");

const [file, format] = process.argv.slice(2);
const quads = new N3.Parser({ format, blankNodePrefix: "_:" }).parse(fs.readFileSync(file, "utf8"));
const writer = new N3.Writer({ format: "application/n-quads" });
writer.addQuads(quads);
writer.end((error, text) => {
  if (error) throw error;
  process.stdout.write(text);
});
