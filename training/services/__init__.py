"""The verbs of training: classes with their timetable, whom they are for, who takes part."""
