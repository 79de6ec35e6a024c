import type { EventHandler, MessageEvent } from '../events.js';
import { Life } from '../util/life.js';
import { type Call, callHandlers, type HandlerContext, Withheld } from './call.js';
import { ClaimedCall, type Claiming } from './claimed-call.js';
import type { Place, Taker } from './lanes-ports.js';

type Handlers = readonly EventHandler<'message.new'>[];

/** Who is given a message: the handlers, or whoever has taken their place. Where there is a store of claims, it is claimed first. */
export class Recipients {
  handlers: Handlers = [];
  /** In the handlers' place. */
  taker: Taker | null = null;
  /** Ends with the first word of a stop: what is only being claimed by then does not start. */
  private intake = new Life();

  constructor(private readonly claiming: Claiming | undefined) {}

  stop(): void {
    this.intake.end();
  }

  restart(): void {
    this.intake = new Life();
  }

  /**
   * Returns null when all of them are done with it already.
   *
   * @param handlers Those of the present ones that are to be called.
   */
  give(handlers: Handlers, event: MessageEvent, context: HandlerContext): Call | null {
    const { claiming, taker } = this;
    if (claiming !== undefined) {
      return this.claim(claiming, event, context, taker?.reserve() ?? this.placeAmong(handlers));
    }
    return taker === null ? callHandlers(handlers, event, context) : taker.take(event, context);
  }

  /** To one that stands for those which have failed. It sees what they would have seen. */
  giveTo(handler: EventHandler<'message.new'>, event: MessageEvent, context: HandlerContext): Call | null {
    const { claiming } = this;
    const take = () => callHandlers([handler], event, context);
    return claiming === undefined ? take() : this.claim(claiming, event, context, { take, leave() {} });
  }

  private claim(claiming: Claiming, event: MessageEvent, context: HandlerContext, place: Place): Call {
    return new ClaimedCall(claiming, this.intake, event, context, place);
  }

  /** A claim takes time, in which handlers may be removed, or a loop take their place: then all is asked anew. */
  private placeAmong(handlers: Handlers): Place {
    const registered = this.handlers;
    const isAsBefore = () => this.handlers === registered && this.taker === null;
    return {
      take: (event, context) =>
        isAsBefore() ? callHandlers(handlers, event, context) : new Withheld(context),
      leave() {},
    };
  }
}
