// Judges the cases of `scp-cases` (standard input) with @cloud-copilot/iam-simulate, and compares.
//
// Everything that our evaluator decides has to come out the same; what has an intended outcome has to come out like
// that. What the simulator cannot be asked is counted, and may be no more than a few. --self-test turns some of our
// decisions round first, and demands that each of them is noticed.
import { runSimulation } from '@cloud-copilot/iam-simulate';

const MOST_NOT_ASKED = 0.05;
const LEAST_COMPARED = 200;

const everything = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }]
};

async function simulated({ levels, request }) {
  const principal = request.context['aws:principalarn'][0];
  const accountId = principal.split(':')[4];
  const outcome = await runSimulation(
    {
      request: {
        principal,
        action: request.action,
        resource: { resource: request.resource, accountId },
        contextVariables: request.context
      },
      identityPolicies: [{ name: 'everything', policy: everything }],
      serviceControlPolicies: levels.map((policies, level) => ({ orgIdentifier: `level-${level}`, policies })),
      resourceControlPolicies: [{ orgIdentifier: 'root', policies: [] }]
    },
    {}
  );
  if (outcome.resultType === 'error') return { error: JSON.stringify(outcome.errors) };
  // A key that the simulator leaves out would make it judge another request.
  const ignored = (outcome.result?.ignoredContextKeys ?? []).filter((key) => levels.some((policies) => uses(policies, key)));
  if (ignored.length > 0) return { error: `ignores ${ignored.join(', ')}` };
  return { decided: outcome.overallResult === 'Allowed' ? 'allowed' : 'denied' };
}

function uses(policies, key) {
  return JSON.stringify(policies).toLowerCase().includes(key.toLowerCase());
}

async function standardInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const { cases, seed } = JSON.parse(await standardInput());
const isSelfTest = process.argv.includes('--self-test');
const turned = isSelfTest ? cases.filter((one, at) => at % 10 === 0 && one.decided !== 'undecided') : [];
for (const one of turned) one.decided = one.decided === 'allowed' ? 'denied' : 'allowed';
const counts = { passed: 0, failed: 0, undecided: 0, notAsked: new Map() };
const tally = { allowed: 0, denied: 0 };
for (const one of cases) {
  const theirs = await simulated(one);
  if (theirs.error) {
    counts.notAsked.set(theirs.error, (counts.notAsked.get(theirs.error) ?? 0) + 1);
    continue;
  }
  if (one.intended !== null && one.intended !== theirs.decided) {
    counts.failed += 1;
    console.log(`  FAIL  intended ${one.intended}, the simulator says ${theirs.decided}: ${JSON.stringify(one.request)}`);
  } else if (one.decided === 'undecided') {
    counts.undecided += 1;
  } else if (one.decided === theirs.decided) {
    counts.passed += 1;
    tally[one.decided] += 1;
  } else {
    counts.failed += 1;
    if (isSelfTest) continue;
    const policies = one.levels.map((level) => level.map(({ name }) => name));
    console.log(`  FAIL  ours ${one.decided}, theirs ${theirs.decided}: ${JSON.stringify({ policies, ...one.request })}`);
  }
}
if (isSelfTest) {
  const isNoticed = counts.failed === turned.length && turned.length > 50;
  console.log(`self-test: ${counts.failed} of ${turned.length} decisions that were turned round are noticed`);
  console.log(isNoticed ? '1 passed, 0 failed' : '0 passed, 1 failed');
  process.exit(isNoticed ? 0 : 1);
}
const notAsked = [...counts.notAsked.values()].reduce((sum, many) => sum + many, 0);
for (const [why, many] of counts.notAsked) console.log(`  not asked ${many} times: ${why}`);
console.log(`seed ${seed}: ${tally.allowed} allowed and ${tally.denied} denied by both, ${counts.undecided} that we do not decide, ${notAsked} not asked`);
if (notAsked > MOST_NOT_ASKED * cases.length || counts.passed < LEAST_COMPARED || Math.min(tally.allowed, tally.denied) < 50) {
  counts.failed += 1;
  console.log('  FAIL  too few could be compared');
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
