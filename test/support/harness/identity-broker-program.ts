// A program: the tests' identity broker, as D-Bus starts it.
//   node identity-broker-program.ts TENANT APPLICATION
import { EntraTenant } from '../servers/entra-tenant.ts';
import { startIdentityBroker } from '../servers/identity-broker.ts';

const [tenantId = '', clientId = ''] = process.argv.slice(2);
const address = process.env['DBUS_SESSION_BUS_ADDRESS'] ?? '';
await startIdentityBroker(address, { tenant: new EntraTenant({ tenantId, clientId }) });
