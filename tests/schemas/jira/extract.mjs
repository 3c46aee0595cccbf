// Cut the answers we use out of jira.js's description of Jira Cloud, as compact JSON Schema.
//
//     npm pack jira.js@6.2.0 && npm install --ignore-scripts ./jira.js-6.2.0.tgz
//     node tests/schemas/jira/extract.mjs node_modules/jira.js > tests/schemas/jira/cloud.json
//
// jira.js checks every answer against zod models that follow Atlassian's own API description;
// its functions say which model belongs to which address. Each is called here with a client
// that only notes what it was asked. Descriptions are left out.

import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(process.argv[2]);
const { z } = await import(pathToFileURL(createRequire(join(root, 'package.json')).resolve('zod')));
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
const cloud = (part) => pathToFileURL(join(root, 'dist/cloud', part));

const WANTED = new Set([
  'GET /rest/api/3/bulk/issues/transition',
  'POST /rest/api/3/bulk/issues/transition',
  'GET /rest/api/3/bulk/queue/{taskId}',
  'GET /rest/api/3/comment/{commentId}/properties/{propertyKey}',
  'GET /rest/api/3/field',
  'POST /rest/api/3/issue',
  'POST /rest/api/3/issue/bulk',
  'POST /rest/api/3/issue/bulkfetch',
  'GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes',
  'GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}',
  'GET /rest/api/3/issue/{issueIdOrKey}',
  'GET /rest/api/3/issue/{issueIdOrKey}/changelog',
  'GET /rest/api/3/issue/{issueIdOrKey}/comment',
  'GET /rest/api/3/issue/{issueIdOrKey}/comment/{id}',
  'PUT /rest/api/3/issue/{issueIdOrKey}/comment/{id}',
  'GET /rest/api/3/issue/{issueIdOrKey}/editmeta',
  'GET /rest/api/3/issue/{issueIdOrKey}/properties',
  'GET /rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}',
  'GET /rest/api/3/issue/{issueIdOrKey}/remotelink',
  'POST /rest/api/3/issue/{issueIdOrKey}/remotelink',
  'GET /rest/api/3/issue/{issueIdOrKey}/remotelink/{linkId}',
  'GET /rest/api/3/issue/{issueIdOrKey}/transitions',
  'GET /rest/api/3/issueLink/{linkId}',
  'GET /rest/api/3/issueLinkType',
  'GET /rest/api/3/issuetype',
  'GET /rest/api/3/mypermissions',
  'GET /rest/api/3/myself',
  'GET /rest/api/3/priority/search',
  'GET /rest/api/3/priority/{id}',
  'GET /rest/api/3/project/search',
  'GET /rest/api/3/project/{projectIdOrKey}',
  'GET /rest/api/3/project/{projectIdOrKey}/components',
  'GET /rest/api/3/project/{projectIdOrKey}/statuses',
  'POST /rest/api/3/search/approximate-count',
  'GET /rest/api/3/search/jql',
  'POST /rest/api/3/search/jql',
  'GET /rest/api/3/serverInfo',
  'GET /rest/api/3/status',
  'GET /rest/api/3/status/{idOrName}',
  'GET /rest/api/3/statuscategory',
  'GET /rest/api/3/user',
  'GET /rest/api/3/user/assignable/search',
  'GET /rest/api/3/user/search',
]);

// What stands inside of an issue's fields and in refusals, which no address describes.
const BESIDES = [
  'ErrorCollection', 'UserDetails', 'StatusDetails', 'Priority', 'Resolution', 'IssueTypeDetails',
  'Project', 'ProjectComponent', 'IssueLink', 'PageOfComments', 'Comment',
  'PrioritySchemeWithPaginatedPrioritiesAndProjects',
];

const registry = z.registry();
const names = new Map();
for (const file of readdirSync(join(root, 'dist/cloud/models'))) {
  if (!file.endsWith('.js') || file === 'index.js') continue;
  for (const [name, model] of Object.entries(await import(cloud(`models/${file}`)))) {
    if (!name.endsWith('Schema') || !model?._zod || names.has(model)) continue;
    names.set(model, name.slice(0, -6));
    registry.add(model, { id: name.slice(0, -6) });
  }
}

const parameters = new Proxy({}, { get: (_, name) => `{${String(name)}}` });
const operations = {};
for (const call of Object.values(await import(cloud('api/index.js')))) {
  if (typeof call !== 'function') continue;
  let asked;
  const client = { sendRequest: (config) => { asked = config; } };
  try { await call(client, parameters); } catch { continue; }
  const name = asked && `${asked.method} ${decodeURIComponent(asked.url)}`;
  if (WANTED.has(name) && asked.schema) operations[name] = asked.schema;
}

const every = z.toJSONSchema(registry, {
  unrepresentable: 'any', io: 'input', uri: (id) => `#/schemas/${id}`,
}).schemas;
const plain = (value) => {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  const kept = {};
  for (const [key, part] of Object.entries(value)) {
    if (!['$schema', '$id', 'id', 'description'].includes(key) || typeof part === 'object') {
      kept[key] = plain(part);
    }
  }
  return kept;
};
const schemas = {};
const keep = (value) => {
  if (Array.isArray(value)) value.forEach(keep);
  else if (value && typeof value === 'object') {
    const name = typeof value.$ref === 'string' && value.$ref.replace('#/schemas/', '');
    if (name && !schemas[name]) { schemas[name] = plain(every[name]); keep(schemas[name]); }
    Object.values(value).forEach(keep);
  }
};
const described = {};
for (const name of [...WANTED].sort()) {
  const model = operations[name];
  if (!model) { process.stderr.write(`not described: ${name}\n`); continue; }
  const id = names.get(model);
  if (id) described[name] = { $ref: `#/schemas/${id}` };
  else {
    const own = z.registry();
    for (const [one, word] of names) own.add(one, { id: word });
    own.add(model, { id: '_' });
    const all = z.toJSONSchema(own, {
      unrepresentable: 'any', io: 'input', uri: (word) => `#/schemas/${word}`,
    });
    described[name] = plain(all.schemas._);
  }
  keep(described[name]);
}
keep(BESIDES.map((name) => ({ $ref: `#/schemas/${name}` })));
process.stdout.write(`${JSON.stringify({
  source: `npm jira.js@${version}, dist/cloud`,
  licence: 'MIT, see LICENSE.jira.js',
  operations: described,
  schemas: Object.fromEntries(Object.entries(schemas).sort()),
})}\n`);
