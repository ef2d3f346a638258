"""告警规则 and 规则试算: a rule's page, people's limits, and trying a change on the past."""
