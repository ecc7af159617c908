// Style sheets for left-to-right and right-to-left, and the one font, into the package's static files.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import rtlcss from "rtlcss";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const out = join(here, "../src/panjereh/ui/static/ui/built");
const LIMITS = { css: 12 * 1024, font: 50 * 1024 };

const packages = {
  findFileUrl: (url) =>
    url.startsWith("pkg:") ? pathToFileURL(join(modules, url.slice("pkg:".length))) : null,
};

function within(name, size, limit) {
  console.log(`${name}: ${size} bytes`);
  if (size > limit) throw new Error(`${name} is ${size} bytes, the limit is ${limit}`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "fonts"), { recursive: true });

const { css } = sass.compile(join(here, "scss/app.scss"), {
  style: "compressed",
  importers: [packages],
  quietDeps: true,
});
for (const [name, sheet] of [["app.css", css], ["app.rtl.css", rtlcss.process(css)]]) {
  const zipped = gzipSync(sheet, { level: 9 });
  writeFileSync(join(out, name), sheet);
  writeFileSync(join(out, `${name}.gz`), zipped);
  writeFileSync(join(out, `${name}.br`), brotliCompressSync(sheet));
  within(`${name}, gzipped`, zipped.length, LIMITS.css);
}

const font = join(modules, "vazirmatn/misc/Non-Latin/fonts/webfonts/Vazirmatn-NL[wght].woff2");
within("Vazirmatn-NL.woff2", readFileSync(font).length, LIMITS.font);
copyFileSync(font, join(out, "fonts/Vazirmatn-NL.woff2"));
copyFileSync(join(modules, "vazirmatn/OFL.txt"), join(out, "fonts/OFL.txt"));
