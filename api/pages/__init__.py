"""The pages that newcomers see. They work without JavaScript and are made better by it."""
