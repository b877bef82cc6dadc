import type { DeliveryConfig } from '../config/config.ts';
import { type Millis, millis } from '../lib/units.ts';

/** Of the stop's time, what is kept for giving back, closing and the last acknowledgements. */
const closingShare = 7000;
/** Of that, what is kept for ending workers that hang, and giving back what they held. */
const lastShare = 2000;

type Given = Pick<DeliveryConfig, 'shutdownTimeout'>;

/** What a route that is stopped, or handed over, gets for what it has read; then it is aborted. */
export const finishingTime = ({ shutdownTimeout }: Given): Millis =>
  millis(Math.max(1000, shutdownTimeout - closingShare));

/** After it, workers that still run are ended. */
export const workersTime = (delivery: Given): Millis =>
  millis(Math.max(finishingTime(delivery) + 1000, delivery.shutdownTimeout - lastShare));
