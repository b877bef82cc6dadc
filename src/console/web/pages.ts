/**
 * Every page of the console: the one place where a page is added, by this folder or another. A page that few open imports what is
 * large when it is opened (chart.ts shows how), so that it costs nothing before.
 */
import type { ComponentType } from 'preact';
import type { Overview, Role } from './api-types.ts';
import { ConfigurationPage } from './configuration.ts';
import { DeadLettersPage } from './dead-letters.ts';
import { FlowPage } from './flow.ts';
import { InstancesPage } from './instances.ts';
import { RoutePage } from './route-page.ts';
import { TailPage } from './tail.ts';

/** What every page is given. */
export interface PageProps {
  readonly overview: Overview;
  /** What stands where its path has a part in braces. */
  readonly places: Readonly<Record<string, string>>;
  readonly params: URLSearchParams;
}

export interface Page {
  /** Behind the `#`; a part in braces is whatever stands there. */
  readonly path: string;
  readonly title: string;
  /** In the navigation; left out: it is reached from another page. */
  readonly isListed?: true;
  /** Whoever has less does not see it. */
  readonly role: Role;
  readonly component: ComponentType<PageProps>;
}

export const pages: readonly Page[] = [
  { path: '/', title: 'Flow', isListed: true, role: 'viewer', component: FlowPage },
  { path: '/routes/{route}', title: 'Route', role: 'viewer', component: RoutePage },
  {
    path: '/dead-letters',
    title: 'Dead letters',
    isListed: true,
    role: 'viewer',
    component: DeadLettersPage,
  },
  { path: '/tail', title: 'Live tail', isListed: true, role: 'viewer', component: TailPage },
  {
    path: '/configuration',
    title: 'Configuration',
    isListed: true,
    role: 'viewer',
    component: ConfigurationPage,
  },
  {
    path: '/instances',
    title: 'Instances',
    isListed: true,
    role: 'viewer',
    component: InstancesPage,
  },
];
