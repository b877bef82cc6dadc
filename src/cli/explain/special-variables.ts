/** Variables that are no option's. */
export const specialVariables = [
  {
    name: 'SLUICE_CONF',
    doc: 'Path of the configuration file, where --conf does not say one.',
  },
  {
    name: 'SLUICE_API_TOKEN',
    doc: 'Token for the Admin API, where --token does not say one.',
  },
  {
    name: 'TYK_PMP_OMITCONFIGFILE',
    doc: '`true`: no file is read, the environment says everything.',
  },
  { name: 'TYK_LOGLEVEL', doc: 'error, warn, info or debug; wins over `log_level`.' },
  { name: 'TYK_LOGFORMAT', doc: 'text, json or legacy; wins over `log_format`.' },
  {
    name: 'TYK_INSTRUMENTATION',
    doc: '`1`: metrics of the service go to the daemon of `statsd_connection_string`.',
  },
  { name: 'TYK_PMP_BUILDDEMODATA', doc: 'Organisation of demo mode, as --demo.' },
] as const;
