/** Checks the definition of NodeMemoryReports in the cluster (the CRD) against the one of this version. */

import { type Fields, fieldsOf, listOf, textOf } from '../model/json.ts';
import { apiVersion } from '../model/product.ts';
import { type AgentSets, releaseOf } from './agent-sets.ts';
import { isRefused, type Lists, notChecked, type Refused } from './asking.ts';
import { type Check, fail, named, ok, warn } from './check.ts';
import { reportFields } from './report-fields.ts';

const definitionPath =
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/nodememoryreports.realmem.dev';
const [, versionName = ''] = apiVersion.split('/');

/** Levels of the schema. Ours has six. */
const deepest = 20;

/** Paths of all fields in a schema: `pods[].containers[].real`. */
export function fieldsIn(schema: Fields, path = '', depth = 0): readonly string[] {
  if (depth > deepest) return [];
  return Object.entries(fieldsOf(schema['properties'])).flatMap(([name, value]) => {
    const inner = fieldsOf(value);
    const here = path === '' ? name : `${path}.${name}`;
    const items = inner['items'];
    return [
      here,
      ...(items === undefined
        ? fieldsIn(inner, here, depth + 1)
        : fieldsIn(fieldsOf(items), `${here}[]`, depth + 1)),
    ];
  });
}

export async function checkDefinition(lists: Lists, agents: AgentSets | Refused): Promise<Check> {
  const name = 'CRD';
  const found = await lists.object(definitionPath);
  if (isRefused(found))
    return found.status === 404
      ? fail(
          name,
          'nodememoryreports.realmem.dev is not installed: agents write their reports as ConfigMaps, or nowhere',
          'helm upgrade with crds.install=true, or kubectl apply -f manifests/realmem.yaml',
        )
      : notChecked(name, 'get customresourcedefinitions.apiextensions.k8s.io', found);
  const version = listOf(fieldsOf(found['spec'])['versions']).find(
    (one) => textOf(one['name']) === versionName && one['served'] === true,
  );
  if (version === undefined)
    return fail(name, `nodememoryreports.realmem.dev does not serve ${versionName}`, upgrade);
  const has = new Set(fieldsIn(fieldsOf(fieldsOf(version['schema'])['openAPIV3Schema'])));
  const lacks = reportFields.filter((field) => !has.has(field));
  if (lacks.length > 0)
    return warn(
      name,
      `older than this command: it lacks ${named(lacks)}. Agents omit these fields.`,
      upgrade,
    );
  const foreign = 'why' in agents ? undefined : otherRelease(fieldsOf(found['metadata']), agents);
  return foreign === undefined
    ? ok(name, `nodememoryreports.realmem.dev, ${versionName}`)
    : warn(name, ...foreign);
}

const upgrade = 'helm upgrade with crds.install=true, or kubectl apply the CRD of this version';

/** helm refuses to import a CRD that it did not install, or that another release installed. */
function otherRelease(metadata: Fields, { sets }: AgentSets): readonly [string, string] | undefined {
  const releases = sets.flatMap(({ release }) => release ?? []);
  const owner = releaseOf(metadata);
  const by = owner === undefined ? 'it was applied without helm' : `it belongs to the release ${owner}`;
  if (sets.length === 0)
    return [
      `${by}, and no agent is installed: helm install refuses to import it`,
      'helm install with --set crds.install=false, or delete the CRD first',
    ];
  if (releases.length === 0 || (owner !== undefined && releases.includes(owner))) return undefined;
  return [
    `${by}, the agents belong to ${named(releases)}: helm does not upgrade it`,
    'keep crds.install=false and apply the CRD by hand with each upgrade',
  ];
}
