#!/usr/bin/env node
// Runs the program of this platform: the same arguments, terminal, exit code and signals.
"use strict";

const { spawn } = require("node:child_process");

const isWindows = process.platform === "win32";
const platform = `${process.platform}-${process.arch}`;

function program() {
  const file = isWindows ? "workos-orgs.exe" : "workos-orgs";
  try {
    return require.resolve(`@workos-orgs/${platform}/bin/${file}`);
  } catch {
    console.error(
      `error: there is no workos-orgs for ${platform} here\n\n` +
        "hint: npm leaves it out with --omit=optional, and with a node_modules folder of another " +
        "platform: run npm install again. There are packages for Linux, macOS and Windows, x64 and arm64.",
    );
    process.exit(1);
  }
}

const child = spawn(program(), process.argv.slice(2), { stdio: "inherit" });
child.on("error", (error) => {
  console.error(`error: cannot start workos-orgs: ${error.message}`);
  process.exit(1);
});

// A terminal sends Ctrl-C to both, and a second one would make the program give up at once.
const hasTerminal = [0, 1, 2].some((fd) => require("node:tty").isatty(fd));
// On Windows both get every event of the console, and a signal would be a kill.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (!isWindows && !(signal === "SIGINT" && hasTerminal)) child.kill(signal);
  });
}

child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
