import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chain, type Link } from '../../src/local-server/state/chain.js';
import { RateWindow } from '../../src/local-server/state/rate-window.js';

describe('a chain', () => {
  it('is a list from which anything can be taken, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('append', 'remove', 'toEnd'), fc.nat(20))), (steps) => {
        const chain = new Chain<number>();
        const links: Link<number>[] = [];
        let model: number[] = [];
        for (const [step, at] of steps) {
          if (step === 'append') {
            model.push(links.length);
            links.push(chain.append(links.length));
          } else {
            const link = links[at];
            if (link === undefined) continue;
            const was = model.includes(link.value);
            model = model.filter((value) => value !== link.value);
            if (step === 'remove') expect(chain.remove(link)).toBe(was);
            else {
              chain.moveToEnd(link);
              if (was) model.push(link.value);
            }
          }
          expect([...chain.forward()]).toEqual(model);
          expect([...chain.backward()]).toEqual([...model].reverse());
          expect([chain.size, chain.first, chain.last]).toEqual([model.length, model[0], model.at(-1)]);
        }
        for (const link of links.filter(({ value }) => model.includes(value))) {
          expect([...chain.forward(link)]).toEqual(model.slice(model.indexOf(link.value) + 1));
        }
      }),
    );
  });

  it('may be emptied while it is walked', () => {
    const chain = new Chain<number>();
    const links = [1, 2, 3].map((value) => chain.append(value));
    const seen: number[] = [];
    for (const value of chain.forward()) {
      seen.push(value);
      const link = links[value - 1];
      if (link !== undefined) chain.remove(link);
    }
    expect([seen, chain.size]).toEqual([[1, 2, 3], 0]);
  });
});

describe('a rate window', () => {
  it('never lets more than its limit through in any window', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(30), { maxLength: 200 }),
        fc.integer({ min: 1, max: 5 }),
        (pauses, limit) => {
          const window = new RateWindow({ limit, windowMs: 50 });
          const taken: number[] = [];
          let now = 0;
          for (const pause of pauses) {
            now += pause;
            const waitMs = window.waitMs('key', now);
            const inWindow = taken.filter((at) => at > now - 50).length;
            expect(waitMs === 0).toBe(inWindow < limit);
            if (waitMs > 0) continue;
            window.take('key', now);
            taken.push(now);
          }
        },
      ),
    );
  });
});
