"""Every GBFS file's fields, by version: required ones end in `!`, unknown ones are allowed.

Source: https://github.com/MobilityData/gbfs, gbfs.md v2.0 to v3.0, checked against the publisher's
JSON schemas. Where those two differ the table follows the text, and the comment says how.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from bihuan.gateway.formats import gbfs_values as v
from bihuan.gateway.formats.shapes import ArrayRule, Many, Num, Obj, OneOf, Shape, obj

_FEEDS_2 = (
    "gbfs", "gbfs_versions", "system_information", "vehicle_types", "station_information",
    "station_status", "free_bike_status", "system_hours", "system_alerts", "system_calendar",
    "system_regions", "system_pricing_plans", "geofencing_zones",
)  # fmt: skip
_FEEDS_3 = (
    "gbfs", "gbfs_versions", "system_information", "vehicle_types", "station_information",
    "station_status", "vehicle_status", "system_alerts", "system_regions", "system_pricing_plans",
    "geofencing_zones",
)  # fmt: skip
_RENTAL_METHODS = (
    "key", "creditcard", "paypass", "applepay", "androidpay", "transitcard", "accountnumber",
    "phone",
)  # fmt: skip
_PARKING = OneOf(
    ("parking_lot", "street_parking", "underground_parking", "sidewalk_parking", "other")
)
_FORM_FACTORS_2_1 = ("bicycle", "car", "moped", "other", "scooter")
_FORM_FACTORS_3 = (
    "bicycle", "cargo_bicycle", "car", "moped", "scooter_standing", "scooter_seated", "other",
)  # fmt: skip
_PROPULSIONS_2_1 = ("human", "electric_assist", "electric", "combustion")
_PROPULSIONS = (
    *_PROPULSIONS_2_1, "combustion_diesel", "hybrid", "plug_in_hybrid", "hydrogen_fuel_cell",
)  # fmt: skip
_ACCESSORIES = OneOf(
    ("air_conditioning", "automatic", "manual", "convertible", "cruise_control", "doors_2",
     "doors_3", "doors_4", "doors_5", "navigation")
)  # fmt: skip
_EQUIPMENT = OneOf(("child_seat_a", "child_seat_b", "child_seat_c", "winter_tires", "snow_chains"))
_ALERTS = ("system_closure", "station_closure", "station_move", "other")
_USERS = Many(OneOf(("member", "nonmember")), least=1, most=2)
_DAYS = Many(OneOf(("sun", "mon", "tue", "wed", "thu", "fri", "sat")), least=1, most=7)
_MONTH = Num(True, Decimal(1), Decimal(12))
_DAY = Num(True, Decimal(1), Decimal(31))
_YEAR = Num(True, Decimal(1000), Decimal(9999))
_SHARE = Num(low=Decimal(0), high=Decimal(1))
_IDS = Many(v.ID)
_TYPE_COUNTS = Many(obj({"vehicle_type_id!": v.ID, "count!": v.COUNT}))
_TYPES_COUNTS = Many(obj({"vehicle_type_ids!": _IDS, "count!": v.COUNT}))
_ECO_LABELS = Many(obj({"country_code!": v.COUNTRY, "eco_sticker!": v.TEXT}))
_VEHICLE_ASSETS = obj({"icon_url!": v.URI, "icon_url_dark": v.URI, "icon_last_modified!": v.DATE})
_BRAND = obj(
    {
        "brand_last_modified!": v.DATE,
        "brand_image_url!": v.URI,
        "brand_image_url_dark": v.URI,
        "brand_terms_url": v.URI,
        "color": v.COLOR,
    }
)


def file_shape(kind: str, version: str) -> Shape | None:
    """The shape of a whole file, header and data; None if this version has no such file."""
    make = (_DATA_3 if version == "3.0" else _DATA_2).get(kind)
    if make is None or (kind in ("vehicle_types", "geofencing_zones") and version == "2.0"):
        return None
    updated: Shape = v.RFC3339 if version == "3.0" else v.POSIX
    data = _OLDER.get((kind, version), make)
    header = {"last_updated!": updated, "ttl!": v.COUNT, "version!": OneOf((version,))}
    is_closed = kind == "gbfs" and version == "3.0"
    return obj({**header, "data!": data}, is_closed=is_closed)


def _vehicle(id_name: str, moment: Shape, *, may_be_at_station: bool = True) -> Shape:
    place = {"lat": v.LAT, "lon": v.LON} if may_be_at_station else {"lat!": v.LAT, "lon!": v.LON}
    fields: Mapping[str, Shape] = {
        f"{id_name}!": v.ID,
        **place,
        "is_reserved!": v.BOOL,
        "is_disabled!": v.BOOL,
        "rental_uris": v.RENTAL_URIS,
        "vehicle_type_id": v.ID,
        "last_reported": moment,
        "current_range_meters": v.MEASURE,
        "current_fuel_percent": _SHARE,
        "station_id": v.ID,
        "home_station_id": v.ID,
        "pricing_plan_id": v.ID,
        "vehicle_equipment": Many(_EQUIPMENT),
        "available_until": v.RFC3339,
    }
    shape = obj(fields, v.has_place) if may_be_at_station else obj(fields)
    return Many(shape, rule=v.each_once(id_name))


def _station(words: Shape, **more: Shape) -> Shape:
    fields: Mapping[str, Shape] = {
        "station_id!": v.ID,
        "name!": words,
        "short_name": words,
        "lat!": v.LAT,
        "lon!": v.LON,
        "address": v.TEXT,
        "cross_street": v.TEXT,
        "region_id": v.ID,
        "post_code": v.TEXT,
        "rental_methods": Many(OneOf(_RENTAL_METHODS), least=1),
        "is_virtual_station": v.BOOL,
        "station_area": v.MULTIPOLYGON,
        "parking_type": _PARKING,
        "parking_hoop": v.BOOL,
        "contact_phone": v.TEXT,
        "capacity": v.COUNT,
        "is_valet_station": v.BOOL,
        "is_charging_station": v.BOOL,
        "rental_uris": v.RENTAL_URIS,
        **more,
    }
    return obj({"stations!": Many(obj(fields), rule=v.each_once("station_id"))})


def _station_status(vehicles: str, moment: Shape) -> Shape:
    status = obj(
        {
            "station_id!": v.ID,
            f"num_{vehicles}_available!": v.COUNT,
            f"num_{vehicles}_disabled": v.COUNT,
            "num_docks_available": v.COUNT,
            "num_docks_disabled": v.COUNT,
            "is_installed!": v.BOOL,
            "is_renting!": v.BOOL,
            "is_returning!": v.BOOL,
            "last_reported!": moment,
            "vehicle_types_available": _TYPE_COUNTS,
            "vehicle_docks_available": _TYPES_COUNTS,
        }
    )
    return obj({"stations!": Many(status, rule=v.each_once("station_id"))})


def _vehicle_types(words: Shape, forms: tuple[str, ...], drives: tuple[str, ...]) -> Shape:
    whole = (
        "rider_capacity", "cargo_volume_capacity", "cargo_load_capacity", "g_CO2_km", "wheel_count",
        "max_permitted_speed", "rated_power", "default_reserve_time",
    )  # fmt: skip
    vehicle_type = obj(
        {
            "vehicle_type_id!": v.ID,
            "form_factor!": OneOf(forms),
            "propulsion_type!": OneOf(drives),
            "max_range_meters": v.MEASURE,
            "name": words,
            "make": words,
            "model": words,
            "description": words,
            "color": v.TEXT,
            **dict.fromkeys(whole, v.COUNT),
            "eco_label": _ECO_LABELS,
            "eco_labels": _ECO_LABELS,
            "vehicle_accessories": Many(_ACCESSORIES),
            "vehicle_image": v.URI,
            "return_constraint": OneOf(
                ("free_floating", "roundtrip_station", "any_station", "hybrid")
            ),
            "vehicle_assets": _VEHICLE_ASSETS,
            "default_pricing_plan_id": v.ID,
            "pricing_plan_ids": _IDS,
        },
        v.motor_has_range,
    )
    return obj({"vehicle_types!": Many(vehicle_type, rule=v.each_once("vehicle_type_id"))})


def _plans(words: Shape, interval: Shape) -> Shape:
    segment = obj({"start!": v.COUNT, "rate!": v.NUMBER, "interval!": interval, "end": v.COUNT})
    plan = obj(
        {
            "plan_id!": v.ID,
            "name!": words,
            "description!": words,
            "url": v.URI,
            "currency!": v.CURRENCY,
            "price!": v.MEASURE,
            "is_taxable!": v.BOOL,
            "reservation_price_per_min": v.MEASURE,
            "reservation_price_flat_rate": v.MEASURE,
            "per_km_pricing": Many(segment),
            "per_min_pricing": Many(segment),
            "surge_pricing": v.BOOL,
        }
    )
    return obj({"plans!": Many(plan, rule=v.each_once("plan_id"))})


def _alerts(words: Shape, link: Shape, moment: Shape, types: tuple[str, ...] = _ALERTS) -> Shape:
    alert = obj(
        {
            "alert_id!": v.ID,
            "type!": OneOf(types),
            "times": Many(obj({"start!": moment, "end": moment})),
            "station_ids": _IDS,
            "region_ids": _IDS,
            "url": link,
            "summary!": words,
            "description": words,
            "last_updated": moment,
        }
    )
    return obj({"alerts!": Many(alert, rule=v.each_once("alert_id"))})


def _regions(words: Shape) -> Shape:
    region = obj({"region_id!": v.ID, "name!": words})
    return obj({"regions!": Many(region, rule=v.each_once("region_id"))})


def _rule_fields(**rides: Shape) -> Shape:
    return obj(
        {
            "vehicle_type_id": _IDS,
            "vehicle_type_ids": _IDS,
            **{f"{name}!": shape for name, shape in rides.items()},
            "maximum_speed_kph": v.COUNT,
            "station_parking": v.BOOL,
        }
    )


def _zones(words: Shape, moment: Shape, rule: Shape) -> Shape:
    about = obj({"name": words, "start": moment, "end": moment, "rules": Many(rule)})
    feature = obj({"type!": OneOf(("Feature",)), "properties!": about, "geometry!": v.MULTIPOLYGON})
    return obj({"type!": OneOf(("FeatureCollection",)), "features!": Many(feature)})


_SYSTEM: Mapping[str, Shape] = {
    "system_id!": v.ID,
    "url": v.URI,
    "purchase_url": v.URI,
    "start_date": v.DATE,
    "email": v.EMAIL,
    "timezone!": v.TIMEZONE,
    "license_id": v.TEXT,
    "license_url": v.URI,
    "attribution_url": v.URI,
    "brand_assets": _BRAND,
    "terms_last_updated": v.DATE,
    "privacy_last_updated": v.DATE,
    "rental_apps": v.RENTAL_APPS,
}
_SYSTEM_2: Mapping[str, Shape] = {
    **_SYSTEM,
    "language!": v.LANGUAGE,
    **dict.fromkeys(("short_name", "operator", "phone_number"), v.TEXT),
    "name!": v.TEXT,
    "feed_contact_email": v.EMAIL,
    "attribution_organization_name": v.TEXT,
    "terms_url": v.URI,
    "privacy_url": v.URI,
}
_TERMS = v.needs("terms_url", "terms_last_updated")
_PRIVACY = v.needs("privacy_url", "privacy_last_updated")
_RULE_2 = _rule_fields(ride_allowed=v.BOOL, ride_through_allowed=v.BOOL)
_RULE_3 = _rule_fields(
    ride_start_allowed=v.BOOL, ride_end_allowed=v.BOOL, ride_through_allowed=v.BOOL
)
_VERSIONS = Many(obj({"version!": v.FEED_VERSION, "url!": v.URI}), rule=v.versions_ascend)
_HOURS = obj({"user_types!": _USERS, "days!": _DAYS, "start_time!": v.TIME, "end_time!": v.TIME})
_CALENDAR = obj(
    {
        "start_month!": _MONTH,
        "start_day!": _DAY,
        "start_year": _YEAR,
        "end_month!": _MONTH,
        "end_day!": _DAY,
        "end_year": _YEAR,
    },
    v.day_exists,
)


def _either_case(names: tuple[str, ...]) -> tuple[str, ...]:
    return (*names, *(name.upper() for name in names))


def _feeds(names: tuple[str, ...], rule: ArrayRule) -> Many:
    return Many(obj({"name!": OneOf(names), "url!": v.URI}), least=1, rule=rule)


_DATA_2: Mapping[str, Shape] = {
    "gbfs": Obj(
        other=obj({"feeds!": _feeds(_FEEDS_2, v.system_is_described)}),
        key=v.LANGUAGE,
        rules=(v.not_empty,),
    ),
    "gbfs_versions": obj({"versions!": _VERSIONS}, is_closed=True),
    "system_information": obj(_SYSTEM_2, _TERMS, _PRIVACY, v.one_license),
    "vehicle_types": _vehicle_types(v.TEXT, (*_FORM_FACTORS_3, "scooter"), _PROPULSIONS),
    "station_information": _station(
        v.TEXT, vehicle_capacity=v.PER_TYPE_NUMBERS, vehicle_type_capacity=v.PER_TYPE_NUMBERS
    ),
    "station_status": _station_status("bikes", v.POSIX),
    "free_bike_status": obj({"bikes!": _vehicle("bike_id", v.POSIX)}),
    "system_hours": obj({"rental_hours!": Many(_HOURS)}),
    "system_calendar": obj({"calendars!": Many(_CALENDAR)}),
    "system_regions": _regions(v.TEXT),
    "system_pricing_plans": _plans(v.TEXT, v.COUNT),
    "system_alerts": _alerts(v.TEXT, v.URI, v.POSIX),
    "geofencing_zones": obj({"geofencing_zones!": _zones(v.TEXT, v.POSIX, _RULE_2)}),
}
# codes were capitals in 2.0, and a vehicle's place was its own; before 2.3 there was no cargo
# bicycle, and terms had no date
_TYPES_OLD = _vehicle_types(v.TEXT, _FORM_FACTORS_2_1, _PROPULSIONS_2_1)
_SYSTEM_OLD = obj(_SYSTEM_2)
_OLDER: Mapping[tuple[str, str], Shape] = {
    ("vehicle_types", "2.1"): _TYPES_OLD,
    ("vehicle_types", "2.2"): _TYPES_OLD,
    ("free_bike_status", "2.0"): obj(
        {"bikes!": _vehicle("bike_id", v.POSIX, may_be_at_station=False)}
    ),
    ("station_information", "2.0"): _station(
        v.TEXT, rental_methods=Many(OneOf(_either_case(_RENTAL_METHODS)), least=1)
    ),
    ("system_alerts", "2.0"): _alerts(v.TEXT, v.URI, v.POSIX, _either_case(_ALERTS)),
    **{("system_information", version): _SYSTEM_OLD for version in ("2.0", "2.1", "2.2")},
}
_DATA_3: Mapping[str, Shape] = {
    "gbfs": obj({"feeds!": _feeds(_FEEDS_3, v.feeds_suffice)}),
    "gbfs_versions": obj({"versions!": _VERSIONS}, is_closed=True),
    "manifest": obj(
        {"datasets!": Many(obj({"system_id!": v.ID, "versions!": _VERSIONS}))}, is_closed=True
    ),
    "system_information": obj(
        {
            **_SYSTEM,
            "languages!": Many(v.LANGUAGE, least=1),
            "name!": v.LOCALIZED,
            **dict.fromkeys(
                ("short_name", "operator", "attribution_organization_name"), v.LOCALIZED
            ),
            "opening_hours!": v.TEXT,
            "termination_date": v.DATE,
            "phone_number": v.PHONE,
            "feed_contact_email!": v.EMAIL,
            "manifest_url": v.URI,
            "terms_url": v.LOCALIZED_URI,
            "privacy_url": v.LOCALIZED_URI,
        },
        _TERMS,
        _PRIVACY,
        v.one_license,
        is_closed=True,
    ),
    "vehicle_types": _vehicle_types(v.LOCALIZED, _FORM_FACTORS_3, _PROPULSIONS),
    "station_information": _station(
        v.LOCALIZED,
        station_opening_hours=v.TEXT,
        vehicle_types_capacity=_TYPES_COUNTS,
        vehicle_docks_capacity=_TYPES_COUNTS,
    ),
    "station_status": _station_status("vehicles", v.RFC3339),
    "vehicle_status": obj({"vehicles!": _vehicle("vehicle_id", v.RFC3339)}),
    "system_regions": _regions(v.LOCALIZED),
    "system_pricing_plans": _plans(v.LOCALIZED, v.MEASURE),
    "system_alerts": _alerts(v.LOCALIZED, v.LOCALIZED_URI, v.RFC3339),
    "geofencing_zones": obj(
        {
            "geofencing_zones!": _zones(v.LOCALIZED, v.RFC3339, _RULE_3),
            "global_rules!": Many(_RULE_3),
        }
    ),
}
VERSIONS = ("2.0", "2.1", "2.2", "2.3", "3.0")
KINDS = frozenset(_DATA_2) | frozenset(_DATA_3)
