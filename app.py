"""Consentinel on AWS Lambda: names the app and mounts routes, streams and queues; nothing else."""

from typing import Any

from chalice.app import AuthRequest, AuthResponse, Chalice, DynamoDBEvent, SQSEvent

from functions import telemetry
from functions.authority import edge
from functions.authority import routes as authority
from functions.consents import routes as consents
from functions.cookies import routes as cookies
from functions.events import inserted, messages
from functions.listings import routes as listings
from functions.policies import routes as policies
from functions.sites import routes as sites
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
    tenants.merchant(wiring, merchants),
    authority.merchant(wiring, merchants),
    sites.merchant(wiring, merchants),
    policies.merchant(wiring, merchants),
    cookies.merchant(wiring, merchants),
    listings.merchant(wiring, merchants),
)
for api in apis:
    app.register_blueprint(api)


# The addresses of stream and queue stand in the template, which merges them over these names.
@app.on_dynamodb_record(stream_arn="register", batch_size=100, starting_position="TRIM_HORIZON")
def index(event: DynamoDBEvent) -> dict[str, Any]:
    return inserted(event, wiring)


@app.on_sqs_message(queue_arn="mail", batch_size=10)
def mail(event: SQSEvent) -> dict[str, Any]:
    return messages(event, wiring)
