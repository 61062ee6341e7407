/** What `realmem top` shows. */
import type { Grouping } from '../../render/row.ts';
import type { SortKey } from '../../render/sort-rows.ts';

export interface TopOptions {
  readonly by: Grouping;
  /** Only the rows with this name. */
  readonly name: string | undefined;
  /** A format of `-o`, or `custom-columns` or `jsonpath` with its template. */
  readonly format: string;
  readonly template: string;
  readonly sortBy: SortKey;
  readonly namespace: string | undefined;
  /** `-A` was given: the namespace of the context does not matter. */
  readonly everyNamespace: boolean;
  readonly selector: string | undefined;
  readonly headers: boolean;
  readonly available: boolean;
  readonly fresh: boolean;
  /** Rows of services, slices and sandboxes too. */
  readonly all: boolean;
  readonly watch: boolean;
  readonly colour: boolean;
  /** Marks before urgent rows. */
  readonly marks: boolean;
}
