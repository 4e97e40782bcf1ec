"""What the commands and the library do: read, ask the rooms to the left, write whole files.

In: paths and options. Out: files and documents.
Touch without asking: where a result is laid. Ask first: what may be replaced.
Held by: test_cli, test_office_cli, test_templates_job, test_output.
"""
