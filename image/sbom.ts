/**
 * The SBOM of the bundle as CycloneDX 1.6 JSON: the packages in `THIRD-PARTY-LICENSES`, which the bundler found, with their
 * data from package-lock.json. The same sources give the same bytes, so the SBOM has no time and no serial number.
 */

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface Product {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly description?: string;
}

interface Component {
  readonly type: 'application' | 'library';
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly object[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

export interface Sbom {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** @throws if package-lock.json lacks a package of the bundle, or has another version */
export function sbomOf(product: Product, licenses: string, lock: Lock): Sbom {
  const root = componentOf('application', product.name, product.version, product.license);
  const places = packagesIn(licenses).map(({ name, version }) => {
    const place = `node_modules/${name}`;
    const locked = lock.packages[place];
    if (locked?.version !== version)
      throw new Error(
        `package-lock.json: expected ${name} ${version}, as in the bundle, got ${locked?.version ?? 'none'}; run npm install`,
      );
    return [place, locked] as const;
  });
  const byPlace = new Map(
    places.map(([place, { version = '', license, integrity }]) => [
      place,
      componentOf('library', bareName(place), version, license, integrity),
    ]),
  );
  const dependsOn = (place: string, { dependencies = {} }: LockedPackage): readonly string[] =>
    Object.keys(dependencies)
      .flatMap((name) => byPlace.get(resolve(lock, place, name) ?? '')?.['bom-ref'] ?? [])
      .sort();
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: root },
    components: [...byPlace.values()],
    dependencies: [
      { ref: root['bom-ref'], dependsOn: dependsOn('', lock.packages[''] ?? {}) },
      ...places.map(([place, locked]) => ({
        ref: byPlace.get(place)?.['bom-ref'] ?? '',
        dependsOn: dependsOn(place, locked),
      })),
    ],
  };
}

/** The text of each package begins with `NAME VERSION: LICENSE`. */
export const packagesIn = (licenses: string): readonly { name: string; version: string }[] =>
  licenses.split(/^-{80}\n\n/m).map((text) => {
    const [, name, version] = /^(\S+) (\S+): \S/.exec(text) ?? [];
    if (name === undefined || version === undefined)
      throw new Error(`THIRD-PARTY-LICENSES: expected NAME VERSION: LICENSE, got ${text.slice(0, 80)}`);
    return { name, version };
  });

/** `node_modules/a/node_modules/b` → `b` */
const bareName = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 13);

/** The path where Node finds a dependency: in the package's own node_modules, or in one further up. */
function resolve(lock: Lock, from: string, name: string): string | undefined {
  const place = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`;
  if (lock.packages[place] !== undefined) return place;
  if (from === '') return undefined;
  return resolve(lock, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name);
}

function componentOf(
  type: Component['type'],
  fullName: string,
  version: string,
  license = 'NOASSERTION',
  integrity?: string,
): Component {
  const [name = '', group] = fullName.split('/').reverse();
  const purl = `pkg:npm/${group === undefined ? '' : `${encodeURIComponent(group)}/`}${name}@${version}`;
  const [algorithm, digest = ''] = integrity?.split('-', 2) ?? [];
  return {
    type,
    'bom-ref': purl,
    ...(group !== undefined && { group }),
    name,
    version,
    purl,
    licenses: [/^[\w.+-]+$/.test(license) ? { license: { id: license } } : { expression: license }],
    ...(algorithm === 'sha512' && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    }),
  };
}
