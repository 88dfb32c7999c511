"""What may wait for a person, a module for each part of the house. `config.today` puts it together."""
