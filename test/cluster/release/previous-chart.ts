/**
 * Makes an earlier version of the chart, because no version is released yet. It has a lower version number, and its CRD
 * lacks one of today's fields and that field's column.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import { chart } from './release.ts';

export const newField = 'ooms';
export const newColumn = 'OOMs';

/** Writes the earlier chart to a directory. */
export function makePreviousChart(directory: string): void {
  fs.cpSync(chart, directory, { recursive: true });
  edit(path.join(directory, 'Chart.yaml'), (document) => document.set('version', '0.0.1'));
  edit(path.join(directory, 'files/crds/nodememoryreports.yaml'), (document) => {
    const version = ['spec', 'versions', 0];
    const columns = document.getIn([...version, 'additionalPrinterColumns']);
    if (!isSeq(columns)) throw new Error('the definition has no columns');
    const column = columns.items.findIndex((item) => isMap(item) && item.get('name') === newColumn);
    const node = [...version, 'schema', 'openAPIV3Schema', 'properties', 'node'];
    const required = document.getIn([...node, 'required']);
    if (isSeq(required)) required.delete(required.items.findIndex((item) => String(item) === newField));
    if (!columns.delete(column) || !document.deleteIn([...node, 'properties', newField]))
      throw new Error(`the definition does not know ${newField}`);
  });
}

function edit(file: string, change: (document: Document) => void): void {
  const document = parseDocument(fs.readFileSync(file, 'utf8'));
  change(document);
  fs.writeFileSync(file, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
}
