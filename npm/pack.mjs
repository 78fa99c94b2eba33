// Makes the npm package of one platform, and the package that picks it.
//
//   node npm/pack.mjs VERSION PROGRAM TARGET FOLDER
//
// scripts/package.sh calls it. The main package is the same whatever the platform is.

import { execFileSync } from "node:child_process";
import {
  chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const platforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"];
const systems = { linux: "linux", darwin: "darwin", windows: "win32" };
const processors = { x86_64: "x64", aarch64: "arm64" };

const here = dirname(fileURLToPath(import.meta.url));
const [version, program, target, folder] = process.argv.slice(2);
const os = systems[Object.keys(systems).find((name) => target.includes(name))];
const cpu = processors[target.split("-")[0]];
const platform = `${os}-${cpu}`;
if (!platforms.includes(platform)) throw new Error(`no npm package is made for ${target}`);

const main = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
// npm compares the address with the repository that publishes. A release has one: scripts/check-release.sh.
const cargo = readFileSync(join(here, "../Cargo.toml"), "utf8");
const url = cargo.match(/^repository = "(.*)"$/m)?.[1];
const repository = url && { type: "git", url: `git+${url}.git` };
const work = mkdtempSync(join(tmpdir(), "npm-"));
try {
  const optionalDependencies = Object.fromEntries(platforms.map((name) => [`@workos-orgs/${name}`, version]));
  pack("main", { ...main, version, repository, optionalDependencies }, (place) => {
    cpSync(join(here, "bin"), join(place, "bin"), { recursive: true });
    copyFileSync(join(here, "../README.md"), join(place, "README.md"));
  });
  const { description, license } = main;
  const name = `@workos-orgs/${platform}`;
  const files = ["bin", "THIRD-PARTY.md"];
  const about = { name, version, description, license, repository };
  pack(platform, { ...about, os: [os], cpu: [cpu], files, preferUnplugged: true }, (place) => {
    mkdirSync(join(place, "bin"));
    const file = join(place, "bin", os === "win32" ? "workos-orgs.exe" : "workos-orgs");
    copyFileSync(program, file);
    chmodSync(file, 0o755);
    copyFileSync(join(here, "../THIRD-PARTY.md"), join(place, "THIRD-PARTY.md"));
  });
} finally {
  rmSync(work, { recursive: true });
}

/** Writes a package into a folder of its own, and packs it into FOLDER. */
function pack(name, description, fill) {
  const place = join(work, name);
  mkdirSync(place);
  writeFileSync(join(place, "package.json"), `${JSON.stringify(description, null, 2)}\n`);
  copyFileSync(join(here, "../LICENSE"), join(place, "LICENSE"));
  fill(place);
  // npm is a script of cmd on Windows.
  const shell = process.platform === "win32";
  execFileSync("npm", ["pack", "--silent"], { cwd: place, stdio: ["ignore", "ignore", "inherit"], shell });
  const [packed] = readdirSync(place).filter((file) => file.endsWith(".tgz"));
  copyFileSync(join(place, packed), join(folder, packed));
}
