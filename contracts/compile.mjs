// Compiles EvidenceRegistry.sol and writes EvidenceRegistry.json; with --check compares instead of writing.
// The compiler is pinned in package.json; no metadata is appended, so the bytecode depends on nothing but
// the source text, the compiler and the settings below.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sha3 from 'js-sha3'; // comes with solc
import solc from 'solc';

const NAME = 'EvidenceRegistry';
const SETTINGS = {
  evmVersion: 'paris', // also runs on older permissioned chains
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'evm.methodIdentifiers'] } },
};

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

function compile() {
  const content = readFileSync(pathOf(`${NAME}.sol`), 'utf8');
  const input = { language: 'Solidity', sources: { [`${NAME}.sol`]: { content } }, settings: SETTINGS };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const complaints = output.errors ?? [];
  if (complaints.length > 0) {
    throw new Error(complaints.map((one) => one.formattedMessage).join('\n'));
  }
  const { abi, evm } = output.contracts[`${NAME}.sol`][NAME];
  const { outputSelection: _, ...settings } = SETTINGS;
  const artifact = {
    contract: NAME,
    sourceSha256: createHash('sha256').update(content).digest('hex'),
    compiler: solc.version(),
    settings,
    abi,
    selectors: evm.methodIdentifiers,
    bytecode: `0x${evm.bytecode.object}`,
    runtimeBytecode: `0x${evm.deployedBytecode.object}`,
    runtimeCodeHash: `0x${sha3.keccak256(Buffer.from(evm.deployedBytecode.object, 'hex'))}`,
  };
  return `${JSON.stringify(artifact, null, 2)}\n`;
}

const made = compile();
const target = pathOf(`${NAME}.json`);
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== made) {
    console.error(`${NAME}.json is not what ${NAME}.sol compiles to; run: npm run contract`);
    process.exit(1);
  }
  console.log(`${NAME}.json is reproducible`);
} else {
  writeFileSync(target, made);
  console.log(`wrote ${NAME}.json`);
}
