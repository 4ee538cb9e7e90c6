"""A small invented directory for the browser: groups that differ in time, place and form, and one that says little."""

from models.group import Group

_EVENING = {"rule": "FREQ=WEEKLY;BYDAY=TU", "start_time": "19:00", "time_zone": "Europe/London", "duration_minutes": 90}
_DAYTIME = {"rule": "FREQ=MONTHLY;BYDAY=2WE,4WE", "start_time": "10:30", "time_zone": "Europe/London"}
_NEW_YORK = {"rule": "FREQ=WEEKLY;BYDAY=TH", "start_time": "18:30", "time_zone": "America/New_York"}

STORY = "I had an ileostomy after surgery and the bag leaks at night"

GROUPS = tuple(
    Group.model_validate(group)
    for group in [
        {
            "id": "bag-evening",
            "name": "Bags on Tuesday",
            "description": "For people with an ileostomy.\nThe bag leaks at night; surgery was a while ago.",
            "topics": ["ostomy", "surgery"],
            "format": "in_person",
            "location": {"name": "Mill Hall", "address": "2 Weir Street", "city": "Leeds", "country": "GB"},
            "schedules": [_EVENING],
            "eligibility": {"minimum_age": 18},
            "joining": {"how": "Just come in", "phone": "0113 496 0000 (ask for Jo)"},
            "first_visit": "Tea first.\nNobody has to speak.",
            "typical_size": 30,
        },
        {
            "id": "bag-daytime",
            "name": "Morning Stoma Circle",
            "description": "An ileostomy after surgery, and how the bag behaves at night.",
            "topics": ["ostomy"],
            "format": "online",
            "schedules": [_DAYTIME],
            "joining": {"url": "https://stoma-circle.example.org/join", "email": "hello@example.org"},
            "typical_size": 6,
            "cost_options": "free",
        },
        {
            "id": "bag-new-york",
            "name": "After Surgery <b>Call</b>",
            "description": "Surgery, an ileostomy or colostomy, bag leaks, sleeping at night.",
            "topics": ["surgery"],
            "format": "phone",
            "schedules": [_NEW_YORK],
            "joining": {"phone": "+1 212 555 0100"},
        },
        {
            "id": "says little",
            "name": "Ostomy Friends",
            "description": "I had an ileostomy and a bag after surgery too.",
        },
        {
            "id": "carers",
            "name": "Carers of people after surgery",
            "description": "For family: surgery, an ileostomy, the bag, the night.",
            "eligibility": {"roles": ["supporting"]},
            "format": "online",
            "schedules": [_EVENING],
        },
        {
            "id": "gardening",
            "name": "Beds and Borders",
            "description": "People who are lonely dig together on an allotment.",
            "topics": ["loneliness"],
            "format": "in_person",
            "location": {"city": "Leeds", "country": "GB"},
            "schedules": [{**_EVENING, "rule": "FREQ=WEEKLY;BYDAY=SA", "start_time": "10:00"}],
        },
    ]
)
