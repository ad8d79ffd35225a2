/** A program that starts a broker and is killed before it can close it: see kafka.test.ts. Prints the pid of the broker and its keeper's folder. */
import { keeper } from './keeper.ts';
import { ownedKafka } from './owned.ts';

const kafka = await ownedKafka();
console.log(JSON.stringify({ pid: kafka.pid(1), folder: keeper().folder }));
setInterval(() => undefined, 1_000);
