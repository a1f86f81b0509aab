"""What the API's description calls the choices that several resources have under one name."""

ENUM_NAMES = {
    "UnitKind": "accounts.models.Unit.Kind",
    "AppointmentKind": "cadres.models.Appointment.Kind",
    "CertificateKind": "cadres.models.Certificate.Kind",
    "RankKind": "cadres.models.Rank.Kind",
    "OversightKind": "cadres.models.Oversight.Kind",
    "EducationMode": "cadres.models.Education.Mode",
    "HonourLevel": "cadres.models.Honour.Level",
    "AnnualGrade": "cadres.models.AnnualAssessment.Grade",
    "EvaluationGrade": "cadres.models.BureauEvaluation.Grade",
    "ReserveStatus": "cadres.models.ReserveEntry.Status",
    "UnitChangeKind": "cadres.models.Reorganisation.Kind",
    "CorrectionStatus": "cadres.models.Correction.Status",
    "ProgramKind": "programs.models.Program.Kind",
    "StepKind": "programs.models.CallStep.Kind",
    "JobStatus": "core.models.Job.Status",
    "CallStatus": "programs.models.Call.Status",
    "NominationStatus": "programs.models.Nomination.Status",
    "ParticipationStatus": "programs.models.Participation.Status",
    "AppraisalStatus": "programs.models.Appraisal.Status",
}
