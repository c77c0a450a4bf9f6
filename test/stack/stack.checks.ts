/** The checks of the deployed stack, in their order: later ones change what earlier ones look at. */
import './areas/deployment.ts';
import './areas/events.ts';
import './areas/api-calls.ts';
import './areas/dead-letters.ts';
import './areas/readers.ts';
import './areas/latency.ts';
import './areas/sweeps.ts';
import './areas/transitions.ts';
import './areas/models.ts';
import './areas/other-stack.ts';
import './areas/doctor.ts';
import './areas/update.ts';
import './areas/scopes.ts';
import './areas/deletion.ts';
import './areas/lives.ts';
import './areas/upgrade.ts';
import './areas/migration.ts';
