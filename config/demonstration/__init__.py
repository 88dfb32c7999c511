"""The demonstration city: a year and a half of invented history, made by calling the services under a moved clock."""
