/** Flags that several commands have. */
import { flag, text } from '../flags.ts';

export const conf = text({
  short: 'c',
  placeholder: 'FILE',
  initial: 'pump.conf',
  variable: 'SLUICE_CONF',
  doc: 'Path of the configuration file (pump.conf); also the variable SLUICE_CONF.',
});

export const json = flag({ doc: 'Prints JSON, for programs.' });

export const token = text({
  placeholder: 'TOKEN',
  variable: 'SLUICE_API_TOKEN',
  doc: 'Bearer token for the Admin API; preferably through the variable SLUICE_API_TOKEN. On this machine, the default is that of the configuration.',
});

export const help = flag({ short: 'h', doc: 'Shows this help.' });

export const url = text({
  placeholder: 'URL',
  doc: 'Address of another instance, such as http://host:8083; without it, the one of the configuration on this machine.',
});
