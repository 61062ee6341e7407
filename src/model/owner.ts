/** The node as the owner of what is written of it: with it, that ends. */
export interface OwnerReference {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly name: string;
  readonly uid: string;
}
