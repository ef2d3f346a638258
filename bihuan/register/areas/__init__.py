"""Areas: a stable id each; code, name and parent valid from-to; boundaries and zones."""
