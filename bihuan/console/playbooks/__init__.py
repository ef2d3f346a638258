"""办理流程: playbooks drawn from their own tables, with the same in words beside the drawing."""
