#!/usr/bin/env node
// Deploys, swaps and rolls back a cloud service with Node alone, without packages.
//
//   deploy.js deploy SLOT LABEL PACKAGE CONFIGURATION
//   deploy.js swap
//   deploy.js rollback
//   deploy.js show
//
// The package is uploaded to the storage account ACCOUNT. Everything that differs
// between the real service and the emulator is in the environment variables below,
// which "vipswap env" and "vipswap test" set.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');

const env = process.env;
const management = env.VIPSWAP_MANAGEMENT_URL || 'https://management.core.windows.net';
const service = 'services/hostedservices/' + (env.SERVICE || 'shop');
const account = env.ACCOUNT || 'packages';
const pollMilliseconds = 1000 * Number(env.POLL_SECONDS || 5);
const namespace = 'http://schemas.microsoft.com/windowsazure';

const agent = new https.Agent({
  keepAlive: true,
  ca: env.VIPSWAP_CA && fs.readFileSync(env.VIPSWAP_CA),
  cert: fs.readFileSync(env.VIPSWAP_CERT),
  key: fs.readFileSync(env.VIPSWAP_KEY),
});

// send sends a request and gives status, headers and body of the answer.
function send(method, url, headers, body) {
  const secure = url.startsWith('https:');
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(url, { method, agent: secure ? agent : undefined, headers }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces).toString() }));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

// element gives the text of the first element of a name, '' when there is none.
function element(xml, name) {
  const found = xml.match(new RegExp(`<${name}>([^<]*)</${name}>`));
  return found ? found[1] : '';
}

// api sends a request to the management API. Refusals are errors with their code.
async function api(method, path, body) {
  const headers = { 'x-ms-version': '2014-10-01', 'Content-Type': 'application/xml', 'Content-Length': Buffer.byteLength(body || '') };
  const answer = await send(method, `${management}/${env.VIPSWAP_SUBSCRIPTION_ID}/${path}`, headers, body);
  if (answer.status >= 400) {
    const code = element(answer.body, 'Code');
    throw Object.assign(new Error(`${answer.status} ${code}: ${element(answer.body, 'Message')}`), { code });
  }
  return answer;
}

function sleep() {
  return new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
}

// change sends a change and waits until the operation that it began is over.
async function change(path, root, elements) {
  const inner = Object.entries(elements).map(([name, value]) => `<${name}>${value}</${name}>`).join('');
  const begun = await api('POST', path, `<${root} xmlns="${namespace}">${inner}</${root}>`);
  for (;;) {
    const { body } = await api('GET', 'operations/' + begun.headers['x-ms-request-id']);
    const status = element(body, 'Status');
    if (status === 'Succeeded') return;
    if (status === 'Failed') throw new Error(`the operation failed: ${element(body, 'Code')}: ${element(body, 'Message')}`);
    await sleep();
  }
}

// deployment gives the document of the slot's deployment, '' for an empty slot.
async function deployment(slot) {
  try {
    return (await api('GET', `${service}/deploymentslots/${slot}`)).body;
  } catch (error) {
    if (error.code === 'ResourceNotFound') return '';
    throw error;
  }
}

// ready waits until every instance is ready. That the operation is over does not
// say so.
async function ready(slot) {
  for (;;) {
    const xml = await deployment(slot);
    const states = xml.match(/<InstanceStatus>[^<]*/g) || [];
    const up = states.filter((state) => state.endsWith('>ReadyRole')).length;
    if (element(xml, 'Status') === 'Running' && up > 0 && up === states.length && !xml.includes('<UpgradeStatus>')) {
      console.log(`${slot} is ready: ${up} instances`);
      return;
    }
    await sleep();
  }
}

// put writes to the storage account, signed with its key.
async function put(endpoint, key, path, data, extra, accepted) {
  const url = new URL(path, endpoint);
  const headers = { 'x-ms-date': new Date().toUTCString(), 'x-ms-version': '2014-02-14', ...extra };
  let resource = `/${account}${url.pathname}`;
  for (const [name, value] of [...url.searchParams].sort()) resource += `\n${name}:${value}`;
  const signed = Object.keys(headers).sort().map((name) => `${name}:${headers[name]}`);
  // verb, encoding, language, length, MD5, type, date, five conditions, range
  const message = ['PUT', '', '', data.length, '', '', '', '', '', '', '', '', ...signed, resource].join('\n');
  const signature = crypto.createHmac('sha256', Buffer.from(key, 'base64')).update(message, 'utf8').digest('base64');
  headers.Authorization = `SharedKey ${account}:${signature}`;
  headers['Content-Length'] = data.length;
  const answer = await send('PUT', url.href, headers, data);
  if (answer.status !== 201 && !accepted.includes(answer.status)) {
    throw new Error(`the upload was refused: ${answer.status}: ${answer.body}`);
  }
  return url.href;
}

// upload uploads a package and gives its address.
async function upload(file) {
  const properties = (await api('GET', 'services/storageservices/' + account)).body;
  const keys = (await api('GET', `services/storageservices/${account}/keys`)).body;
  const endpoint = element(properties, 'Endpoint');
  const key = element(keys, 'Primary');
  await put(endpoint, key, 'releases?restype=container', Buffer.alloc(0), {}, [409]);
  const data = fs.readFileSync(file);
  const name = crypto.createHash('sha256').update(data).digest('hex');
  return put(endpoint, key, `releases/${name}.cspkg`, data, { 'x-ms-blob-type': 'BlockBlob' }, []);
}

// deploy fills an empty slot, or upgrades what is in it.
async function deploy(slot, label, file, configurationFile) {
  const PackageUrl = await upload(file);
  const Label = Buffer.from(label).toString('base64');
  const Configuration = fs.readFileSync(configurationFile).toString('base64');
  const path = `${service}/deploymentslots/${slot}`;
  if (await deployment(slot)) {
    await change(path + '/?comp=upgrade', 'UpgradeDeployment', { Mode: 'Auto', PackageUrl, Configuration, Label, Force: true });
  } else {
    // A name has to be new. So is the id of an answer, and it is the same when a
    // scenario is played again.
    const Name = 'v-' + (await api('GET', service)).headers['x-ms-request-id'];
    await change(path, 'CreateDeployment', { Name, PackageUrl, Label, Configuration, StartDeployment: true });
  }
  await ready(slot);
}

// swap exchanges the slots.
async function swap() {
  const production = await deployment('production');
  const staging = await deployment('staging');
  if (!staging) throw new Error('staging is empty: there is nothing to swap');
  await change(service, 'Swap', { Production: element(production, 'Name'), SourceDeployment: element(staging, 'Name') });
  console.log('swapped');
}

// show prints what the slots hold.
async function show() {
  for (const slot of ['production', 'staging']) {
    const xml = await deployment(slot);
    const holds = xml ? `${Buffer.from(element(xml, 'Label'), 'base64')} (${element(xml, 'Status')})` : 'empty';
    console.log(`${slot}: ${holds}`);
  }
}

const commands = { deploy, swap, rollback: swap, show };
const [command, ...args] = process.argv.slice(2);
Promise.resolve()
  .then(() => {
    if (!commands[command]) throw new Error('usage: deploy.js deploy|swap|rollback|show');
    return commands[command](...args);
  })
  .then(() => agent.destroy())
  .catch((error) => {
    console.error(`deploy.js: ${error.message}`);
    process.exit(1);
  });
