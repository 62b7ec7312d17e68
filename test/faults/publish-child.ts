/** A process of its own that delivers a sequence and may be killed at any moment. Its FaultRun comes as JSON in $CDC_FAULT_RUN. */
import { deliverAll, type FaultRun } from './fault-run.js';

const run = JSON.parse(process.env['CDC_FAULT_RUN'] ?? '{}') as FaultRun;
let said = false;
const onCommitted = (): void => {
  if (!said) console.log('publishing');
  said = true;
};
const { faults } = await deliverAll({ ...run, onCommitted });
console.log(`done, faults: ${faults.join(' ')}`);
