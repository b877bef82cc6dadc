/** Where a pump is asked for its data: at an address of its own, or at a path of the admin server. */
export type ServedAt =
  | {
      readonly kind: 'address';
      readonly option: string;
      readonly host: string;
      readonly port: number;
    }
  | { readonly kind: 'admin-path'; readonly option: string; readonly path: string };
