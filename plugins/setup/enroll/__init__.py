"""``hookkit setup enroll``: keys of other servers get access to repositories, wherever access is decided on."""
