"""Call-outs 叫应: one order pursued at many people in parallel, until each is accounted for."""
