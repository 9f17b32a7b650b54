// The funnel of ../funnelc/signup.funnel as a service of Restate.
import * as restate from "@restatedev/restate-sdk";

const SINK = process.env.SINK ?? "http://127.0.0.1:9100/send";

const signup = restate.service({
  name: "signup",
  handlers: {
    run: async (ctx, event) => {
      if (event.plan !== "pro") return;
      await ctx.sleep(1000);
      await ctx.run("sms", async () => {
        const body = JSON.stringify({ to: event.phone, text: `Welcome ${event.n}` });
        const response = await fetch(SINK, { method: "POST", headers: { "content-type": "application/json" }, body });
        if (!response.ok) throw new Error(`the sink answered ${response.status}`);
        await response.arrayBuffer();
      });
    },
  },
});

restate.serve({ services: [signup], port: 9080 });
