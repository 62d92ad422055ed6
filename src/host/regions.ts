/** Regions with an endpoint of the Amazon Pinpoint API (AWS General Reference, pinpoint); others can be typed. */
export const pinpointRegions: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-2': 'US West (Oregon)',
  'ca-central-1': 'Canada (Central)',
  'eu-central-1': 'Europe (Frankfurt)',
  'eu-west-1': 'Europe (Ireland)',
  'eu-west-2': 'Europe (London)',
  'ap-south-1': 'Asia Pacific (Mumbai)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-northeast-2': 'Asia Pacific (Seoul)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'us-gov-west-1': 'AWS GovCloud (US-West)',
};

/** True if the name has the form of a region's. */
export function looksLikeRegion(name: string): boolean {
  return /^[a-z]{2}(-[a-z]+)+-\d+$/.test(name);
}

/** The partition of a region: its credentials are valid in no other (AWS General Reference, Amazon Resource Names). */
export function partitionOf(region: string): 'aws' | 'aws-us-gov' | 'aws-cn' {
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return region.startsWith('cn-') ? 'aws-cn' : 'aws';
}

/** The regions to choose from: recent ones, then all others; only those of `partition`, if it is known. */
export function regionsToOffer(recent: readonly string[], partition: string | undefined): readonly string[] {
  return [...new Set([...recent, ...Object.keys(pinpointRegions)])].filter(
    (region) => partition === undefined || partitionOf(region) === partition,
  );
}
