// Reads a GEXF or GraphML file with graphology, as Gephi Lite does, and prints its things and edges as JSON.
const fs = require("node:fs");
const { UndirectedGraph } = require("graphology");

const [file] = process.argv.slice(2);
const reader = require(file.endsWith(".gexf") ? "graphology-gexf" : "graphology-graphml");
const graph = reader.parse(UndirectedGraph, fs.readFileSync(file, "utf8"));
const things = graph.mapNodes((id, about) => [id, about.label, about.kind]);
const edges = graph.mapEdges((edge, about, one, other) => [one, other, about.weight]);
process.stdout.write(JSON.stringify({ things, edges }));
