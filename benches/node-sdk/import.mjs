// Creates the organizations of a list with WorkOS's Node SDK, fifty at a time.
import { readFileSync } from 'node:fs';
import { WorkOS } from '@workos-inc/node';

const base = new URL(process.env.WORKOS_BASE_URL);
const workos = new WorkOS(process.env.WORKOS_API_KEY, {
  apiHostname: base.hostname,
  port: Number(base.port),
  https: false,
});
const rows = readFileSync(process.argv[2], 'utf8').trim().split('\n').slice(1);
let next = 0;
async function worker() {
  while (next < rows.length) {
    const [name, domain, externalId, plan] = rows[next++].split(',');
    await workos.organizations.createOrganization({
      name,
      domainData: [{ domain, state: 'pending' }],
      externalId,
      metadata: { plan },
    });
  }
}
await Promise.all(Array.from({ length: 50 }, worker));
