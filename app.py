"""Consentinel on AWS Lambda: names the app and mounts routes, streams and queues; nothing else."""

from functools import partial
from typing import Any

from chalice.app import AuthRequest, AuthResponse, Chalice, CloudWatchEvent, DynamoDBEvent, SQSEvent

from functions import telemetry
from functions.authority import edge
from functions.authority import routes as authority
from functions.consents import routes as consents
from functions.cookies import routes as cookies
from functions.disputes import routes as disputes
from functions.erasures import routes as erasures
from functions.events import changed, inserted, messages
from functions.listings import routes as listings
from functions.policies import routes as policies
from functions.receipts import routes as receipts
from functions.sites import routes as sites
from functions.statistics import routes as statistics
from functions.tenants import routes as tenants
from functions.web import our_fault
from functions.wiring import Wiring

wiring = Wiring.from_environment()
app = Chalice(app_name=telemetry.NAME, configure_logs=False)
app.register_middleware(our_fault, "http")


@app.authorizer(ttl_seconds=edge.TTL_SECONDS)
def merchants(request: AuthRequest) -> AuthResponse:
    return edge.answer(request, callers=wiring.caller)


apis = (
    consents.storefront(wiring),
    cookies.storefront(wiring),
    policies.storefront(wiring),
    listings.subject(wiring),
    receipts.subject(wiring),
    tenants.merchant(wiring, merchants),
    authority.merchant(wiring, merchants),
    sites.merchant(wiring, merchants),
    policies.merchant(wiring, merchants),
    cookies.merchant(wiring, merchants),
    listings.merchant(wiring, merchants),
    receipts.merchant(wiring, merchants),
    statistics.merchant(wiring, merchants),
    erasures.merchant(wiring, merchants),
    disputes.merchant(wiring, merchants),
)
for api in apis:
    app.register_blueprint(api)


# The addresses of streams, queues and schedules stand in the template, which merges them over these names.
@app.on_dynamodb_record(stream_arn="register", batch_size=1000, starting_position="TRIM_HORIZON")
def sequence(event: DynamoDBEvent) -> dict[str, Any]:
    return inserted(event, wiring)


@app.on_dynamodb_record(stream_arn="register", batch_size=100, starting_position="TRIM_HORIZON")
def watch(event: DynamoDBEvent) -> dict[str, Any]:
    return changed(event, wiring)


@app.on_sqs_message(queue_arn="ledger", batch_size=1)
def ledger(event: SQSEvent) -> dict[str, Any]:
    from functions.sequencer.tasks import ledger as task

    return messages(event, task, wiring)


@app.on_sqs_message(queue_arn="batches", batch_size=1)
def project(event: SQSEvent) -> dict[str, Any]:
    from functions.register.tasks import project as task

    return messages(event, task, wiring)


@app.on_sqs_message(queue_arn="upkeep", batch_size=1)
def upkeep(event: SQSEvent) -> dict[str, Any]:
    from functions.upkeep.tasks import upkeep as task

    return messages(event, task, wiring)


@app.on_sqs_message(queue_arn="disputes", batch_size=1)
def dispute(event: SQSEvent) -> dict[str, Any]:
    from functions.disputes.tasks import make as task

    return messages(event, task, wiring)


@app.on_sqs_message(queue_arn="audits", batch_size=1)
def audit(event: SQSEvent) -> dict[str, Any]:
    from functions.audit.tasks import audit as task

    context: Any = event.context  # Lambda's, which Chalice has no type for
    return messages(event, partial(task, time_left_ms=context.get_remaining_time_in_millis), wiring)


@app.on_sqs_message(queue_arn="mail", batch_size=10)
def mail(event: SQSEvent) -> dict[str, Any]:
    from functions.mail.tasks import send as task

    return messages(event, task, wiring)


@app.schedule("rate(15 minutes)")
def reconcile(_event: CloudWatchEvent) -> None:
    from functions.upkeep.tasks import QUARTER_HOURLY, ask_all

    ask_all(QUARTER_HOURLY, wiring=wiring)


@app.schedule("cron(10 2 * * ? *)")
def daily(_event: CloudWatchEvent) -> None:
    from functions.audit.tasks import begin
    from functions.upkeep.tasks import DAILY, ask_all

    ask_all(DAILY, wiring=wiring)
    begin(wiring=wiring)
