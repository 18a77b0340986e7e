// Bundles the editor and the SPARQL engine of a frozen site into the package: node build.js
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const place = (name) => fileURLToPath(new URL(name, import.meta.url));
const [built, fresh] = [place("../src/oewg_kg/serve/static/built"), place("../src/oewg_kg/serve/static/.built")];

// The editor marks expected words by a style attribute, which our Content-Security-Policy does not allow; a <strong> is bold by itself.
// https://github.com/rdfjs/Yasgui, packages/yasqe/src/index.ts, checkSyntax. It can go when the attribute has.
const INLINE = "<strong style='text-decoration:underline'>";
const withoutInlineStyle = {
  name: "without-inline-style",
  setup(bundling) {
    bundling.onLoad({ filter: /yasqe\.esm\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (text.split(INLINE).length !== 2) throw new Error(`${path}: the inline style is not where it was; look anew`);
      return { contents: text.replace(INLINE, "<strong>") };
    });
  },
};

await rm(fresh, { recursive: true, force: true });
await build({
  absWorkingDir: place("."),
  entryPoints: ["src/editor.js", "src/pages.js", "src/worker.js"],
  outdir: fresh,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  plugins: [withoutInlineStyle],
  logLevel: "warning",
});
// Compressed as the graph is: hosts differ in what they compress, and the worker unpacks it.
const engine = await readFile(place("node_modules/oxigraph/web_bg.wasm"));
await writeFile(`${fresh}/oxigraph.wasm.gz`, gzipSync(engine, { level: 9 }));

// The editor has its own dependencies inside: all that is not for building alone is named, with its licence.
const { packages } = JSON.parse(await readFile(place("package-lock.json"), "utf8"));
const bundled = Object.entries(packages).filter(([path, { dev }]) => path && !dev);
const notes = bundled.map(async ([path, { version, license }]) => {
  const texts = ["LICENSE", "LICENSE.md", "LICENSE-MIT", "license"].map((name) => readFile(place(`${path}/${name}`), "utf8").catch(() => ""));
  const text = (await Promise.all(texts)).find(Boolean) ?? "";
  return `${path.replace("node_modules/", "")} ${version}: ${license}\n\n${text}`.trimEnd();
});
await writeFile(`${fresh}/licenses.txt`, `${(await Promise.all(notes)).join("\n\n")}\n`);
await rm(built, { recursive: true, force: true });
await rename(fresh, built);
