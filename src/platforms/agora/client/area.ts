import { invalid } from '../../../http/index.js';

/** Where in the world the requests go. */
export const Area = { US: 1, EU: 2, AP: 3, CN: 4 } as const;
export type Area = (typeof Area)[keyof typeof Area];

const PATH = '/api/conversational-ai-agent';
const CHINA = `https://api.agora.io/cn${PATH}`;
/** The second is the spare one: other servers of names answer for it. */
const DOMAINS = ['agora.io', 'sd-rtn.com'] as const;
const PREFIXES: { readonly [A in Exclude<Area, 4>]: readonly string[] } = {
  [Area.US]: ['api-us-west-1', 'api-us-east-1'],
  [Area.EU]: ['api-eu-west-1', 'api-eu-central-1'],
  [Area.AP]: ['api-ap-southeast-1', 'api-ap-northeast-1'],
};

/** The base URLs of an area, the first to be tried first. @throws ValidationError when there is no such area. */
export function basesOf(area: Area): readonly [string, ...string[]] {
  if (area === Area.CN) return [CHINA];
  const prefixes = PREFIXES[area];
  if (prefixes === undefined) {
    throw invalid('area', '"area" must be Area.US, Area.EU, Area.AP or Area.CN, unless you pass "baseUrl"');
  }
  const bases = DOMAINS.flatMap((domain) => prefixes.map((prefix) => `https://${prefix}.${domain}${PATH}`));
  return bases as [string, ...string[]];
}
