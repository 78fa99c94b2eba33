// Takes pictures of a page: node shots.mjs PAGE FOLDER
import { open } from "./browser.mjs";

const [page, folder] = process.argv.slice(2);
for (const [name, options] of Object.entries({
  wide: { viewport: { width: 1280, height: 900 } },
  middle: { viewport: { width: 820, height: 1100 } },
  narrow: { viewport: { width: 390, height: 844 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
})) {
  const opened = await open(page, options);
  await opened.tab.screenshot({ path: `${folder}/${name}.png` });
  await opened.tab.screenshot({ path: `${folder}/${name}-full.png`, fullPage: true });
  await opened.close();
}
const printed = await open(page, { viewport: { width: 1280, height: 900 } });
await printed.tab.pdf({ path: `${folder}/print.pdf`, format: "A4", margin: { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" } });
await printed.close();
