import htm from 'htm';
import { h, type VNode } from 'preact';

/** What stands in a template becomes elements and texts; never markup, whoever wrote it. */
export const html = htm.bind(h) as unknown as (
  strings: TemplateStringsArray,
  ...values: readonly unknown[]
) => VNode;
