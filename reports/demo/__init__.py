"""The demo district: invented people in bulk, and active cases made by the services themselves."""
