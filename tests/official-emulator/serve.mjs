// Starts WorkOS's own emulator on a free port and prints where it is, as one line of JSON.
// It serves until standard input is closed, so it cannot outlive whoever started it.

import { createEmulator } from 'workos/emulate';

const emulator = await createEmulator({ port: 0 });
console.log(JSON.stringify({ url: emulator.url, apiKey: emulator.apiKey }));

process.stdin.resume();
process.stdin.on('end', async () => {
  await emulator.close();
  process.exit(0);
});
