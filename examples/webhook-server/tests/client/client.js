// The vendor's client (@superoffice/webapi) against a server, by its agent and by its REST class: node client.js ADDRESS

"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { ProjectRestApi, WebhookAgent, WebhookState } = require("@superoffice/webapi");

const address = process.argv[2] ?? process.env.SERVER;

/** The agent, and the answers as they came. */
const agent = new WebhookAgent({ baseUrl: address });

/** The client has a class for six resources. All do the same at their own address, so that this one is moved to ours. */
const rest = new ProjectRestApi({ baseUrl: address });
rest._options.baseUrl = rest._options.baseUrl.replace("/Project/", "/Webhook/");

/** Calls a method of the REST class and returns what the server sent, which the class turns into a project. */
async function sent(method, ...rest_of_arguments) {
  let response;
  const last = rest_of_arguments.at(-1);
  const options = last?.options ?? {};
  const given = last?.options ? rest_of_arguments.slice(0, -1) : rest_of_arguments;
  await rest[method](...given, { ...options, responseCallback: (answer) => (response = answer) });
  return response;
}

/** The status that a call is refused with. */
async function refused(call) {
  try {
    await call;
  } catch (error) {
    return error.response?.status ?? error;
  }
  return "not refused";
}

test("the agent creates, changes, reads, lists and deletes", async () => {
  const created = await agent.createDefaultWebhookAsync();
  assert.equal(created.webhookId, 0);
  assert.equal(created.state, WebhookState.Active);
  assert.equal(created.type, "webhook");

  Object.assign(created, {
    name: "sales",
    events: ["sale.sold", "sale.lost"],
    targetUrl: "http://www.example.com/",
    secret: "hush",
    headers: { "X-Key": "k" },
    properties: { fieldName: { count: 1 } },
    description: "tells about sales",
    errorEmails: ["a@example.com"],
  });
  const saved = await agent.saveWebhookAsync(created);
  assert.ok(saved.webhookId > 0);
  assert.ok(saved.registered instanceof Date && !Number.isNaN(saved.registered.getTime()));
  for (const name of ["name", "events", "targetUrl", "secret", "headers", "properties", "description", "errorEmails"]) {
    assert.deepEqual(saved[name], created[name], name);
  }

  const renamed = await agent.saveWebhookAsync({ ...saved, name: "all sales" });
  assert.equal(renamed.name, "all sales");
  assert.deepEqual({ ...renamed, name: 0, updated: 0 }, { ...saved, name: 0, updated: 0 });

  const stopped = await agent.saveWebhookAsync({ ...renamed, state: WebhookState.Stopped });
  assert.equal(stopped.state, WebhookState.Stopped);

  const read = await agent.getWebhookAsync(saved.webhookId);
  assert.deepEqual(read, stopped);

  const other = await agent.saveWebhookAsync({ name: "other", events: ["contact.created"] });
  const names = async (...filters) => (await agent.getAllWebhooksAsync(...filters)).map((webhook) => webhook.name);
  const own = (list) => list.filter((name) => ["all sales", "other"].includes(name));
  assert.deepEqual(own(await names(null, null, WebhookState.Unknown)), ["all sales", "other"]);
  assert.deepEqual(await names("all sales", null, WebhookState.Unknown), ["all sales"]);
  assert.deepEqual(own(await names(null, "contact.created", null)), ["other"]);
  assert.deepEqual(own(await names(null, "sale.sold", WebhookState.Stopped)), ["all sales"]);
  assert.deepEqual(own(await names(null, null, WebhookState.Active)), ["other"]);
  assert.deepEqual(own(await names({ nameFilter: "other", eventFilter: "", statusFilter: undefined })), []);
  assert.deepEqual(own(await names({ nameFilter: "other" })), ["other"]);

  for (const webhook of [saved, other]) {
    await agent.deleteWebhookAsync(webhook.webhookId);
    assert.equal(await refused(agent.getWebhookAsync(webhook.webhookId)), 404);
    assert.equal(await refused(agent.deleteWebhookAsync(webhook.webhookId)), 404);
  }
});

test("the REST class reads, creates, patches, puts and deletes", async () => {
  const created = await sent("getDefaultAsync");
  assert.equal(created.data.WebhookId, 0);

  const posted = await sent("postAsync", { name: "sales", events: ["sale.sold"], state: "Stopped" });
  assert.equal(posted.status, 201);
  const id = posted.data.WebhookId;
  assert.ok(posted.headers.location.endsWith(`/api/v1/Webhook/${id}`));

  const read = await sent("getByIdAsync", id);
  assert.deepEqual([read.data.Name, read.data.Events, read.data.State], ["sales", ["sale.sold"], "Stopped"]);
  assert.equal(read.data._Links.Self, posted.headers.location);

  const operations = [
    { op: "test", path: "state", value: "Stopped" },
    { op: "add", path: "/events/-", value: "sale.lost" },
    { op: "replace", path: "/Name", value: "by operations" },
  ];
  const patched = await sent("patchByIdAsync", id, operations);
  assert.deepEqual([patched.data.Name, patched.data.Events], ["by operations", ["sale.sold", "sale.lost"]]);

  const merged = await sent("patchByIdAsync", id, { name: "by an object", headers: { "X-Key": "k" } });
  assert.deepEqual([merged.data.Name, merged.data.Headers], ["by an object", { "X-Key": "k" }]);

  // What the client gives back is what it read, its names in camel case.
  const webhook = await agent.getWebhookAsync(id);
  const put = await sent("putByIdAsync", id, { ...webhook, name: "put", secret: null });
  assert.deepEqual([put.data.Name, put.data.Events, put.data.State], ["put", webhook.events, "Stopped"]);
  assert.equal(put.data.Registered, merged.data.Registered);

  // Dates.
  const { updated } = await agent.getWebhookAsync(id);
  const before = new Date(updated.getTime() - 60_000);
  assert.equal((await sent("getByIdAsync", id, { options: { ifModifiedSince: updated } })).status, 304);
  assert.equal((await sent("getByIdAsync", id, { options: { ifModifiedSince: before } })).status, 200);
  assert.equal(await rest.getByIdAsync(id, { ifModifiedSince: updated }), null);
  assert.equal(await refused(rest.getByIdAsync(id, { ifModifiedSince: updated, ifNotModifiedThrowError: true })), 304);
  assert.equal(await refused(rest.getByIdAsync(id, { ifUnmodifiedSince: before })), 412);
  for (const method of ["patchByIdAsync", "putByIdAsync"]) {
    assert.equal(await refused(rest[method](id, { name: "late" }, { ifUnmodifiedSince: before })), 412);
    assert.equal((await sent(method, id, { name: method }, { options: { ifUnmodifiedSince: new Date() } })).status, 200);
  }
  assert.equal(await refused(rest.deleteByIdAsync(id, { ifUnmodifiedSince: before })), 412);
  assert.equal(await refused(rest.patchByIdAsync(id, [{ op: "test", path: "name", value: "other" }])), 409);
  assert.equal((await sent("deleteByIdAsync", id)).status, 204);
  assert.equal(await refused(rest.getByIdAsync(id)), 404);
});
