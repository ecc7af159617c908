"""What the records of the exchange tell the window about looks."""

from datetime import timedelta
from typing import Any

from nation import NOW, TRACKING, text

LOOK = "0b0e7a52-3f57-4a53-9d0c-2a4c6d1f9a01"


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "registry": text("پایگاه ملی هویت اشخاص حقیقی", "National registry of identity"),
        "custodian": text("سازمان ثبت احوال کشور", "Civil Registration"),
        "service": text("استعلام مشخصات شخص", "Inquiry of a person"),
        "times": 2,
        "last_at": NOW.isoformat(),
        "data": [
            {"of": None, "items": [text("نام", "given name"), text("تاریخ تولد", "date of birth")]},
            {"of": text("فرزند شما", "your child"), "items": [text("نام", "given name")]},
        ],
        "yes_or_no": False,
        "purpose": text("صدور شناسنامهٔ نوزاد", "Birth certificate of a newborn"),
        "legal_basis": [text("مصوبهٔ نمونه، مادهٔ 10 بند 2", "Sample resolution, article 10(2)")],
        "approval_number": "SANDBOX-51",
        "approval_date": "2025-05-21",
        "approval_body": text("کارگروه تعامل‌پذیری، جلسهٔ 51", "Working group, session 51"),
    } | changes


def group(**changes: Any) -> dict[str, Any]:
    return {
        "look": LOOK,
        "agency": text("سازمان ثبت احوال کشور", "Civil Registration"),
        "agency_id": "IR-TEST/GOV/14003778990",
        "system": text("پنجرهٔ واحد ثبت احوال", "Civil Registration window"),
        "case": TRACKING,
        "first_at": (NOW - timedelta(minutes=5)).isoformat(),
        "last_at": NOW.isoformat(),
        "calls": 3,
        "acted": "you",
        "asked": [asked()],
        "question": None,
    } | changes


def question(**changes: Any) -> dict[str, Any]:
    return {
        "text": "برای چه مشخصات مرا پرسیدید؟",
        "asked_at": NOW.isoformat(),
        "due_at": (NOW + timedelta(days=10)).isoformat(),
        "answer": "",
        "answered_at": None,
        "in_e_box": False,
    } | changes


def looks(*groups: dict[str, Any], **changes: Any) -> dict[str, Any]:
    agency = {"id": "IR-TEST/GOV/14003778990", "name": group()["agency"], "calls": 3}
    return {
        "groups": list(groups),
        "older": "",
        "agencies": [agency] if groups else [],
        "own_calls": 0,
        "kept_since": (NOW - timedelta(days=184)).isoformat(),
        "confidential_activities": 0,
        "searches": [],
    } | changes


def summary(**changes: Any) -> dict[str, Any]:
    source = {
        "registry": asked()["registry"],
        "agencies": [group()["agency"]],
        "times": 12,
        "last_at": NOW.isoformat(),
    }
    kind = {"kind": "identity", "name": text("هویت و مشخصات", "Identity"), "sources": [source]}
    return {"since": (NOW - timedelta(days=184)).isoformat(), "kinds": [kind]} | changes
